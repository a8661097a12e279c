/**
 * Reads and writes single values of the AMQP 1.0 type system (part 1, section 1.6) on raw bytes.
 *
 * The broker forwards what it does not need to understand byte for byte: decoding and encoding again would lose the width
 * of numbers and, above 2^53, their value.
 */

/** A value the broker needs to understand; everything else stays bytes. */
export type Scalar = string | number | boolean | Buffer | null;

const FORMAT = {
  described: 0x00,
  null: 0x40,
  true: 0x41,
  false: 0x42,
  zeroUint: 0x43,
  zeroUlong: 0x44,
  emptyList: 0x45,
};

/** Bytes that hold the size of a value, and whether the size is followed by that many bytes (variable, compound, array). */
function sizeOf(bytes: Buffer, offset: number): number {
  const code = bytes.readUInt8(offset);
  switch (code >> 4) {
    case 0x4:
      return 1;
    case 0x5:
      return 2;
    case 0x6:
      return 3;
    case 0x7:
      return 5;
    case 0x8:
      return 9;
    case 0x9:
      return 17;
    case 0xa:
    case 0xc:
    case 0xe:
      return 2 + bytes.readUInt8(offset + 1);
    case 0xb:
    case 0xd:
    case 0xf:
      return 5 + bytes.readUInt32BE(offset + 1);
    default:
      throw new RangeError(`not an AMQP type code: 0x${code.toString(16)}`);
  }
}

/** Offset of the first byte after the value at `offset`. Throws RangeError on bytes that are no AMQP value. */
export function valueEnd(bytes: Buffer, offset: number): number {
  if (bytes.readUInt8(offset) === FORMAT.described) return valueEnd(bytes, valueEnd(bytes, offset + 1));
  const end = offset + sizeOf(bytes, offset);
  if (end > bytes.length) throw new RangeError('an AMQP value ends after the end of its frame');
  return end;
}

/** The value of a scalar; lists, maps, arrays and described values give null. Longs above 2^53 lose precision. */
export function readScalar(bytes: Buffer): Scalar {
  const code = bytes.readUInt8(0);
  switch (code) {
    case FORMAT.true:
      return true;
    case FORMAT.false:
      return false;
    case 0x56:
      return bytes.readUInt8(1) !== 0;
    case FORMAT.zeroUint:
    case FORMAT.zeroUlong:
      return 0;
    case 0x50:
    case 0x52:
    case 0x53:
      return bytes.readUInt8(1);
    case 0x51:
    case 0x54:
    case 0x55:
      return bytes.readInt8(1);
    case 0x60:
      return bytes.readUInt16BE(1);
    case 0x61:
      return bytes.readInt16BE(1);
    case 0x70:
      return bytes.readUInt32BE(1);
    case 0x71:
      return bytes.readInt32BE(1);
    case 0x80:
      return Number(bytes.readBigUInt64BE(1));
    case 0x81:
    case 0x83:
      return Number(bytes.readBigInt64BE(1));
    default:
      return readVariable(bytes, code);
  }
}

function readVariable(bytes: Buffer, code: number): Scalar {
  switch (code) {
    case 0x98:
      return bytes.subarray(1, 17);
    case 0xa0:
      return bytes.subarray(2, valueEnd(bytes, 0));
    case 0xb0:
      return bytes.subarray(5, valueEnd(bytes, 0));
    case 0xa1:
    case 0xa3:
      return bytes.toString('utf8', 2, valueEnd(bytes, 0));
    case 0xb1:
    case 0xb3:
      return bytes.toString('utf8', 5, valueEnd(bytes, 0));
    default:
      return null;
  }
}

/** The items of a list, or keys and values of a map in turn, each as its own bytes. */
export function readItems(bytes: Buffer): Buffer[] {
  const code = bytes.readUInt8(0);
  if (code === FORMAT.emptyList || code === FORMAT.null) return [];
  const wide = code >> 4 === 0xd;
  if (!wide && code >> 4 !== 0xc) throw new RangeError('an AMQP list or map was expected');
  const count = wide ? bytes.readUInt32BE(5) : bytes.readUInt8(2);
  const items: Buffer[] = [];
  let offset = wide ? 9 : 3;
  for (let index = 0; index < count; index++) {
    const end = valueEnd(bytes, offset);
    items.push(bytes.subarray(offset, end));
    offset = end;
  }
  return items;
}

function compound(code: number, items: readonly Buffer[]): Buffer {
  const content = Buffer.concat(items);
  const head = Buffer.alloc(9);
  head.writeUInt8(code, 0);
  head.writeUInt32BE(content.length + 4, 1);
  head.writeUInt32BE(items.length, 5);
  return Buffer.concat([head, content]);
}

/** A list32 of encoded items. */
export const listValue = (items: readonly Buffer[]): Buffer => compound(0xd0, items);

/** A map32 of encoded keys and values in turn. */
export const mapValue = (items: readonly Buffer[]): Buffer => compound(0xd1, items);

export const nullValue: Buffer = Buffer.from([FORMAT.null]);

export const booleanValue = (value: boolean): Buffer => Buffer.from([value ? FORMAT.true : FORMAT.false]);

export const ubyteValue = (value: number): Buffer => Buffer.from([0x50, value]);

function fixed(code: number, width: 4 | 8, value: number): Buffer {
  const bytes = Buffer.alloc(1 + width);
  bytes.writeUInt8(code, 0);
  if (width === 8) bytes.writeBigInt64BE(BigInt(Math.trunc(value)), 1);
  else bytes.writeInt32BE(Math.trunc(value) | 0, 1);
  return bytes;
}

export const uintValue = (value: number): Buffer => fixed(0x70, 4, value);
export const intValue = (value: number): Buffer => fixed(0x71, 4, value);
export const longValue = (value: number): Buffer => fixed(0x81, 8, value);

/** Milliseconds since 1970. */
export const timestampValue = (value: number): Buffer => fixed(0x83, 8, value);

function text(shortCode: number, value: string): Buffer {
  const content = Buffer.from(value, 'utf8');
  if (content.length < 256) return Buffer.concat([Buffer.from([shortCode, content.length]), content]);
  const head = Buffer.alloc(5);
  head.writeUInt8(shortCode + 0x10, 0);
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

export const stringValue = (value: string): Buffer => text(0xa1, value);
export const symbolValue = (value: string): Buffer => text(0xa3, value);
