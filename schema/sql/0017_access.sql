-- Who may do what: roles of users.

-- Who works on alerts is an operator.
ALTER TABLE app_user DROP CONSTRAINT app_user_role_check;
UPDATE app_user SET role = 'operator' WHERE role = 'member';
ALTER TABLE app_user ADD CHECK (role IN ('viewer', 'operator', 'admin'));
