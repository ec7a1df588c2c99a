// Reads which batches an agent's spool holds on disk, as agent/spool_format.h describes
// them. For an agent that does not run (killed, say): what stands here was accepted, and
// must reach the server.

import fs from 'node:fs';
import path from 'node:path';

const MAGIC = Buffer.from('TMSPOOL\x01', 'latin1');
const HEADER = 64;
const RECORD = 32;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
	let crc = byte;
	for (let bit = 0; bit < 8; bit++)
		crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
	return crc >>> 0;
});

function crc32c(...parts) {
	let crc = 0xffffffff;
	for (const part of parts) {
		for (const byte of part)
			crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff];
	}
	return (crc ^ 0xffffffff) >>> 0;
}

/** @returns {{epoch: bigint, records: {sequence: number, at: number}[]}} whole records */
export function readSpool(directory) {
	const records = [];
	let epoch = 0n;
	for (const name of fs.readdirSync(directory).sort()) {
		const bytes = fs.readFileSync(path.join(directory, name));
		if (bytes.length < HEADER || !bytes.subarray(0, 8).equals(MAGIC))
			continue;
		epoch = bytes.readBigUInt64LE(16);
		readSegment(bytes, records);
	}
	return { epoch, records };
}

function readSegment(bytes, records) {
	const seed = bytes.subarray(16, 24);
	let newest = Number(bytes.readBigUInt64LE(32));
	for (let at = HEADER; at + RECORD <= bytes.length;) {
		const size = (RECORD + bytes.readUInt32LE(at) + 7) & ~7;
		const record = bytes.subarray(at, at + size);
		const sequence = Number(bytes.readBigUInt64LE(at + 8));
		const isWhole = record.length === size && sequence > newest &&
			crc32c(seed, record.subarray(0, 4), record.subarray(8)) === bytes.readUInt32LE(at + 4);
		if (isWhole) {
			records.push({ sequence, at: Number(bytes.readBigInt64LE(at + 16)) });
			newest = sequence;
		}
		at += isWhole ? size : 8;
	}
}
