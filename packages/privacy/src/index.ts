export { blake2s, createHasher } from './blake2s.ts';
export { createCompatible } from './compatible.ts';
export type { Class } from './keys.ts';
export { type Action, type Column, POLICY } from './policy.ts';
export { flat } from './quote.ts';
export { createPrivacy, type Privacy, type PrivacyOptions } from './redact.ts';
export type { AttributeValue } from './render.ts';
export type { Root } from './roots.ts';
