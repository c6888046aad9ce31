import { type FileHandle, open } from 'node:fs/promises';

export interface Waveform {
  readonly sample_rate: number;
  readonly channels: number;
  readonly seconds: number;
  /** The loudest of each stretch, 0 to 1; at most 512. */
  readonly peaks: readonly number[];
}

interface Format {
  readonly kind: 'int' | 'float';
  readonly channels: number;
  readonly rate: number;
  readonly bits: number;
  readonly block: number;
  readonly dataAt: number;
  readonly dataBytes: number;
}

const PEAKS = 512;
const CHUNK = 256 * 1024;
const CHUNKS_AT_MOST = 64;

/**
 * Peaks of a RIFF/WAVE file with 8, 16, 24 or 32-bit PCM or 32-bit float samples, read once, a piece at a time.
 * Undefined for what is no such file: an extension is no promise.
 */
export async function waveform(path: string): Promise<Waveform | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const format = await formatOf(file, size);
    return format && (await peaksOf(file, format));
  } finally {
    await file.close();
  }
}

async function formatOf(file: FileHandle, size: number): Promise<Format | undefined> {
  const head = await bytesAt(file, 0, 12);
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') return undefined;
  let found: Omit<Format, 'dataAt' | 'dataBytes'> | undefined;
  for (let at = 12, n = 0; at + 8 <= size && n < CHUNKS_AT_MOST; n += 1) {
    const chunk = await bytesAt(file, at, 8);
    if (chunk.length < 8) return undefined;
    const name = chunk.toString('latin1', 0, 4);
    const length = chunk.readUInt32LE(4);
    if (name === 'fmt ') found = parseFormat(await bytesAt(file, at + 8, Math.min(length, 40)));
    if (name === 'data') {
      return found && { ...found, dataAt: at + 8, dataBytes: Math.min(length, size - at - 8) };
    }
    at += 8 + length + (length % 2);
  }
  return undefined;
}

function parseFormat(data: Buffer): Omit<Format, 'dataAt' | 'dataBytes'> | undefined {
  if (data.length < 16) return undefined;
  const extensible = data.readUInt16LE(0) === 0xfffe && data.length >= 26;
  const tag = extensible ? data.readUInt16LE(24) : data.readUInt16LE(0);
  const [channels, rate, bits] = [data.readUInt16LE(2), data.readUInt32LE(4), data.readUInt16LE(14)];
  const known = (tag === 1 && [8, 16, 24, 32].includes(bits)) || (tag === 3 && bits === 32);
  if (!known || channels === 0 || channels > 64 || rate === 0) return undefined;
  return { kind: tag === 3 ? 'float' : 'int', channels, rate, bits, block: (channels * bits) / 8 };
}

async function peaksOf(file: FileHandle, format: Format): Promise<Waveform> {
  const { channels, rate, block, dataAt, dataBytes } = format;
  const frames = Math.floor(dataBytes / block);
  const count = Math.min(PEAKS, frames);
  const peaks = new Float64Array(count);
  const step = Math.max(block, CHUNK - (CHUNK % block));
  const sample = reader(format);
  for (let at = 0; at < frames * block; at += step) {
    const data = await bytesAt(file, dataAt + at, Math.min(step, frames * block - at));
    if (data.length < block) break;
    for (let offset = 0; offset + block <= data.length; offset += block) {
      const bucket = Math.min(count - 1, Math.floor((((at + offset) / block) * count) / frames));
      for (let channel = 0; channel < channels; channel += 1) {
        const value = Math.abs(sample(data, offset + (channel * format.bits) / 8));
        if (value > (peaks[bucket] as number)) peaks[bucket] = value;
      }
    }
  }
  const round = (value: number) => Math.round(Math.min(1, value) * 10_000) / 10_000;
  return { sample_rate: rate, channels, seconds: round3(frames / rate), peaks: [...peaks].map(round) };
}

const round3 = (value: number) => Math.round(value * 1000) / 1000;

function reader({ kind, bits }: Format): (data: Buffer, at: number) => number {
  if (kind === 'float') {
    return (data, at) => {
      const value = data.readFloatLE(at);
      return Number.isFinite(value) ? value : 0;
    };
  }
  if (bits === 8) return (data, at) => (data.readUInt8(at) - 128) / 128;
  const scale = 2 ** (bits - 1);
  const width = bits / 8;
  return (data, at) => data.readIntLE(at, width) / scale;
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}
