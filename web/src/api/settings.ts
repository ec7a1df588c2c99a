// Users, experiments, and who is told of alerts.
import type { components } from './schema';

type Schemas = components['schemas'];

/** GET /users → Page<User>; POST /users {name, role, services?}; PUT /users/{id} {role?,
 *  services?};
 *  POST /users/{id}/{password,retire,restore}. Admin. */
export type User = Schemas['User'];

/** GET /experiments?service=&from=&to=&limit=&after= → Page<Experiment>, newest first; POST
 *  /experiments {service, name, note?, from_ms?, to_ms?}; POST /experiments/{id}/end;
 *  DELETE /experiments/{id}. Operator. */
export type Experiment = Schemas['Experiment'];

export type TargetEvent = Schemas['TargetEvent'];

export type TargetWish = Schemas['TargetWish'];

/** With the secret that signs, shown once. */
export type TargetMade = Schemas['TargetMade'];

/** GET /targets → Page<Target>; POST /targets TargetWish; PUT /targets/{id} TargetWish, with
 *  If-Match; DELETE /targets/{id}; POST /targets/{id}/test; POST /targets/{id}/secret {overlap_hours?} →
 *  TargetMade. Admin. */
export type Target = Schemas['Target'];

/** GET /targets/{id}/messages?state=&limit=&after= → Page<Message>, newest first; POST
 *  /messages/{id}/retry for one that was given up, /messages/{id}/drop for one that nobody needs;
 *  GET /messages?state=failed for the dead letters of all targets. */
export type Message = Schemas['Message'];

/** GET /sensitivities?limit=&after= → Page<ServiceSensitivity>. */
export type ServiceSensitivity = Schemas['SensitivityOfService'];

/** GET /audit?actor=&action=&from=&to=&limit=&after= → Page<AuditRow>, newest first. Admin. */
export type AuditRow = Schemas['AuditRow'];

/** GET /sessions → Page<OwnSession>; DELETE /sessions/{id}. */
export type OwnSession = Schemas['OwnSession'];
