-- Class mode: what the folder `class` has in the file store. The tables are there without class mode as well, and empty.

-- class/keys.json. The first server in class mode makes the keys, and all servers use them.
create table class_keys (
  is_only boolean primary key default true check (is_only),
  teacher text not null,
  projector text not null
);

-- One row: id.dat, teacher.dat, label.dat, lesson.dat, paused.json, texts-shown.json and board-shown.json.
create table class (
  is_only boolean primary key default true check (is_only),
  id text not null,
  teacher_id bigint,
  label text,
  lesson integer,
  paused_since timestamptz,
  texts_shown_since timestamptz,
  board_shown_since timestamptz
);

-- class/muted, class/hidden and class/hands: a row where there is a file.
create table class_muted (user_id bigint primary key, since timestamptz not null);
create table class_hidden (user_id bigint primary key, since timestamptz not null);
create table class_hands (user_id bigint primary key, since timestamptz not null);

-- class/codes. The wrong tries of all servers count together.
create table class_codes (
  user_id bigint primary key,
  hash text not null,
  valid_until timestamptz not null,
  wrong_tries integer not null default 0
);

-- class/progress. A text and not jsonb, which would change the order of the fields.
create table class_progress (user_id bigint primary key, progress text not null);
