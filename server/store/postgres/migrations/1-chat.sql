-- The tables of plainchat. A table is what a folder is in the file store, and a row is what a file is.

-- One row, which says how far the events have come. Whoever wants to number an event locks this row until the commit.
-- So events become visible in the order of their numbers, and a reader who has seen event 8 never misses event 7.
create table head (
  is_only boolean primary key default true check (is_only),
  seq bigint not null default 0,
  message_id bigint not null default 0
);
insert into head default values;

-- The ids of users. A sequence never gives a number twice, even if the transaction that asked for it fails.
create sequence user_ids;

-- users/<userId>.dat and users/<userId>.json
create table users (
  user_id bigint primary key,
  auth_token text not null,
  handle text not null,
  registered_at timestamptz not null default now()
);

-- users/<hashUserHandle>.dat: the primary key lets only one user have a handle.
create table handles (
  handle_hash text primary key,
  user_id bigint not null
);
create index handles_of_user on handles (user_id);

-- users/secret.dat
create table secret (
  is_only boolean primary key default true check (is_only),
  text text not null
);

-- The messages as they are now. `seq` is the last event about a message: it was sent, or edited.
create table messages (
  message_id bigint primary key,
  seq bigint not null,
  from_id bigint not null,
  from_handle text not null,
  to_id bigint not null,
  to_handle text not null,
  message text not null,
  sent_at timestamptz not null,
  edited_at timestamptz,
  is_teacher boolean not null default false,
  is_to_all boolean not null default false,
  -- The client's Idempotency-Key, and a digest of recipient and text that tells a retry from another message.
  idempotency_key text,
  digest text
);
create index received on messages (to_id, message_id);
create index sent on messages (from_id, message_id);
-- A key lasts as long as its message.
create unique index keys on messages (from_id, idempotency_key) where idempotency_key is not null;

-- What has happened, in order: the journal. A new or edited message is here as it was at that moment, because it may
-- have changed again before every server has told its streams. Only the last events are kept.
create table events (
  seq bigint primary key,
  -- 'message', 'edit', 'delete' and 'leave' are told to streams. 'token' ends the streams of a user, and 'class' says
  -- that the teacher has decided something.
  op text not null,
  message_id bigint,
  from_id bigint not null,
  from_handle text,
  to_id bigint not null,
  to_handle text,
  message text,
  sent_at timestamptz,
  edited_at timestamptz,
  is_teacher boolean,
  is_to_all boolean,
  -- The id of the last message at the time of this event.
  last_message_id bigint not null
);
