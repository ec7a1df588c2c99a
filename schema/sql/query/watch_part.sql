-- The packages that some of versions $1 have and others of their service have not; of a
-- service at most $2, those first that tell the most of them apart.  What all have explains
-- nothing.  For the watch, when a version is new or what it consists of has come.  By the
-- contents' packages.
WITH told AS (
	SELECT f.id, f.service_id, c.id AS content_id
	FROM fingerprint f
	JOIN content c ON c.hash = f.hash AND f.hash <> ''
	WHERE f.id = ANY ($1::int4[])
), had AS (
	SELECT service_id, content_id, count(*) OVER (PARTITION BY service_id) AS contents
	FROM (SELECT DISTINCT service_id, content_id FROM told) t
), part AS (
	SELECT h.service_id, cp.package_id, array_agg(h.content_id ORDER BY h.content_id) AS ids
	FROM had h
	JOIN content_package cp ON cp.content_id = h.content_id
	WHERE h.contents > 1
	GROUP BY h.service_id, h.contents, cp.package_id
	HAVING count(*) < h.contents
), placed AS (
	SELECT t.service_id, t.ids, p.name, p.version, row_number() OVER (
		PARTITION BY t.service_id, t.ids ORDER BY p.name, p.version) AS place
	FROM part t JOIN package p ON p.id = t.package_id
), kept AS (
	SELECT *, row_number() OVER (
		PARTITION BY service_id ORDER BY place, name, version) AS n
	FROM placed
)
SELECT t.id, k.name, k.version
FROM kept k
JOIN told t ON t.service_id = k.service_id AND t.content_id = ANY (k.ids)
WHERE k.n <= $2::int4
ORDER BY t.service_id, t.id, k.name, k.version
