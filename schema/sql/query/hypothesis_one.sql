-- Hypothesis $1, with the columns of hypothesis_page.  For PUT and DELETE
-- /hypotheses/{id}.  By primary keys; at most one row.
SELECT h.id, h.alert_id, h.key, h.cause, h.test, h.result, h.verdict, h.remark,
	h.author_id, u.name AS author, h.changed_at, h.revision
FROM hypothesis h JOIN app_user u ON u.id = h.author_id
WHERE h.id = $1::int8
