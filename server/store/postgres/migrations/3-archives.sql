-- Classes that were put away: each is a schema with all of these tables, such as "archive_2030-01-02T12-00-00Z". The
-- table `head` and the sequence `user_ids` are never put away. So the numbers of events, messages and users go on over
-- all classes of a database, and none of them stands for something else in another class.

-- The number of the event with which the present class began here: 0 until a class is put away for the first time. A
-- server remembers it. So what a request has begun in one class cannot end in the next one. That event is called
-- 'switch', and is the first of its class in the table `events`.
alter table head add column class_began bigint not null default 0;
