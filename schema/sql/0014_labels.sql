-- Labels of hosts: what people sort them by ("env=prod").  Set through the API; the whole
-- set of a host at once, which its revision counts.
CREATE TABLE host_label (
	host_id int4 NOT NULL REFERENCES host,
	key     text NOT NULL,
	value   text NOT NULL CHECK (value <> ''),
	PRIMARY KEY (host_id, key)
);
CREATE INDEX host_label_key ON host_label (key);
ALTER TABLE host ADD COLUMN label_revision int4 NOT NULL DEFAULT 1;  -- for If-Match

-- Packages are looked up as they are typed: by how they begin, also behind their scope.
CREATE INDEX package_begins ON package (lower(name) text_pattern_ops);
CREATE INDEX package_scoped ON package (lower(split_part(name, '/', 2)) text_pattern_ops)
	WHERE name LIKE '@%/%';
