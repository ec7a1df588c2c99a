-- What a join token asks of a host, and gives to it (docs/deploy.md).

-- A glob that the host's name must fit, capitals or not; '' any.
ALTER TABLE token ADD COLUMN host_glob text NOT NULL DEFAULT '';

-- Labels of the hosts that enrol with a token.
CREATE TABLE token_label (
	token_id text NOT NULL REFERENCES token ON DELETE CASCADE,
	key      text NOT NULL,
	value    text NOT NULL CHECK (value <> ''),
	PRIMARY KEY (token_id, key)
);

-- "key=value", a line each; a key has no "=", a value no line end.
CREATE FUNCTION token_labels(token text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT COALESCE(string_agg(key || '=' || value, E'\n' ORDER BY key), '')
	FROM token_label WHERE token_id = token
$$;

-- Who came with a token, to revoke them with it.
CREATE INDEX agent_token ON agent (token_id) WHERE revoked_at IS NULL;
