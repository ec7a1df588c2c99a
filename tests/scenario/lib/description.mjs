// What schema/openapi.yaml says, as the server serves it: its operations, and values that are
// right and wrong for their parameters.

import fs from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../api/package.json', import.meta.url));
const Ajv = require('ajv/dist/2020.js').default;

const ROUTES = new URL('../../../server/api/routes.c', import.meta.url);
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Role that routes.c asks for: {'GET /api/v1/fleet': 'VIEWER'}. */
function accesses() {
	const rows = fs.readFileSync(ROUTES, 'utf8').matchAll(/\{"(\w+)", "([^"]+)", ROUTES_(\w+),/g);
	return Object.fromEntries([...rows].map(([, method, path, access]) => [`${method} ${path}`, access]));
}

export class Description {
	constructor(openapi) {
		this.openapi = openapi;
		this.ajv = new Ajv({ strict: false, allErrors: true });
		this.ajv.addSchema(openapi, 'api');
		const access = accesses();
		this.operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
			METHODS.filter((method) => item[method]).map((method) => this.operation(path, method, item[method],
				access[`${method.toUpperCase()} ${path}`])));
	}

	operation(path, method, said, access) {
		const parameters = (said.parameters ?? []).map((p) => this.resolve(p));
		return { path, method: method.toUpperCase(), said, access, parameters,
			name: `${method.toUpperCase()} ${path}`,
			query: parameters.filter((p) => p.in === 'query'),
			at: pointer('paths', path, method) };
	}

	resolve(thing) {
		if (!thing?.$ref)
			return thing;
		return thing.$ref.split('/').slice(1).reduce((at, key) => at[key], this.openapi);
	}

	/** What is wrong with a body by the schema at a place; '' when nothing is. */
	faults(place, body) {
		const judge = this.ajv.getSchema(`api#${place}`) ?? this.ajv.compile({ $ref: `api#${place}` });
		return judge(body) ? '' : this.ajv.errorsText(judge.errors.slice(0, 5), { separator: '\n' });
	}

	/** The schema of what an operation takes; undefined: it takes nothing. */
	taken(operation) {
		return this.resolve(operation.said.requestBody?.content?.['application/json']?.schema);
	}

	/** Values for all that it must be given, but one. */
	required(operation, but) {
		const { required = [], properties } = this.taken(operation);
		return Object.fromEntries(required.filter((name) => name !== but)
			.map((name) => [name, this.rightValue(this.resolve(properties[name]))]));
	}

	rightValue(schema) {
		if (schema.enum)
			return schema.enum[0];
		return { string: 'text', integer: Math.max(schema.minimum ?? 0, 1), number: 1, boolean: true,
			array: schema.items ? [this.rightValue(this.resolve(schema.items))] : [],
			object: Object.fromEntries((schema.required ?? []).map((name) =>
				[name, this.rightValue(this.resolve(schema.properties[name]))])) }[[schema.type].flat()[0]];
	}

	/** Examples of its answers: [{file, place}]. */
	examples(operation) {
		return Object.entries(operation.said.responses).flatMap(([status, answer]) =>
			Object.entries(this.resolve(answer).content ?? {}).flatMap(([type, { examples = {} }]) =>
				Object.values(examples).filter((e) => e.externalValue).map((e) => ({
					file: e.externalValue,
					place: `${operation.at}${pointer('responses', status, 'content', type, 'schema')}`,
				}))));
	}
}

export function pointer(...keys) {
	return keys.map((key) => `/${encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');
}

/** Texts that a parameter of this schema must refuse. */
export function wrongTexts(schema) {
	if (schema.type === 'integer')
		return ['abc', '1.5', '1e3', '-1', '99999999999999999999', ...(schema.minimum > 0 ? ['0'] : [])];
	if (schema.type === 'array')
		return wrongTexts(schema.items).slice(0, 2);
	if (schema.type === 'boolean' || schema.enum)
		return ['perhaps'];
	return [];
}

/** Values that a property of this schema must refuse; null may stand for "not given". */
export function wrongValues(schema) {
	const types = [schema.type ?? (schema.enum ? 'string' : undefined)].flat();
	if (types.includes(undefined))
		return [];
	const all = { string: 'text', integer: 7, boolean: true, array: [1], object: { a: 1 } };
	return Object.entries(all).filter(([type]) =>
		!types.includes(type) && !(type === 'integer' && types.includes('number'))).map(([, value]) => value);
}
