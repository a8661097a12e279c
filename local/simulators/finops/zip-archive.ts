import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

export interface ArchiveFile {
  name: string;
  content: Buffer;
}

const localSignature = 0x04034b50;
const centralSignature = 0x02014b50;
const endSignature = 0x06054b50;
const deflated = 8;
/** 1 January 1980, the first day of the format: archives of equal content are then equal. */
const firstDosDate = 0x21;
const utf8Names = 0x0800;

/** The fields that the local header and the central directory have in common (ZIP APPNOTE 4.3.7 and 4.3.12). */
function sharedFields(file: ArchiveFile, packed: Buffer, name: Buffer): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(utf8Names, 2);
  fields.writeUInt16LE(deflated, 4);
  fields.writeUInt16LE(0, 6);
  fields.writeUInt16LE(firstDosDate, 8);
  fields.writeUInt32LE(crc32(file.content), 10);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(file.content.length, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Packs files into a zip archive, deflated, in the given order. */
export function writeZip(files: readonly ArchiveFile[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const packed = deflateRawSync(file.content);
    const name = Buffer.from(file.name, 'utf8');
    const fields = sharedFields(file, packed, name);
    const entry = Buffer.concat([signature(localSignature), fields, name, packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const madeBy = Buffer.from([20, 0]);
    central.push(signature(centralSignature), madeBy, fields, place, name);
    local.push(entry);
    offset += entry.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, signature(endSignature), end]);
}

function readEntry(archive: Buffer, at: number): { file: ArchiveFile; next: number } {
  const nameLength = archive.readUInt16LE(at + 28);
  const method = archive.readUInt16LE(at + 10);
  const size = archive.readUInt32LE(at + 20);
  const local = archive.readUInt32LE(at + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const packed = archive.subarray(start, start + size);
  const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
  const next = at + 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  return { file: { name, content: method === deflated ? inflateRawSync(packed) : Buffer.from(packed) }, next };
}

/** Unpacks a zip archive, stored or deflated; throws on anything else. */
export function readZip(archive: Buffer): ArchiveFile[] {
  const end = archive.lastIndexOf(signature(endSignature));
  if (end < 0) {
    throw new Error('The file is not a zip archive.');
  }
  const files: ArchiveFile[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let count = archive.readUInt16LE(end + 10); count > 0; count -= 1) {
    if (archive.readUInt32LE(at) !== centralSignature) {
      throw new Error('The directory of the zip archive is damaged.');
    }
    const { file, next } = readEntry(archive, at);
    files.push(file);
    at = next;
  }
  return files;
}
