import type { Privacy } from '@plimsoll/privacy';
import type { Attributes } from '@plimsoll/wire';

export const STACK_CHARS = 4096;
export const MESSAGE_CHARS = 256;

/** What was thrown may be anything, and reading it may throw: that must not replace it on its way up. */
export function exceptionAttributes(error: unknown, privacy: Privacy): Attributes {
  try {
    if (!(error instanceof Error) && Object.prototype.toString.call(error) !== '[object Error]') {
      return { 'exception.type': typeof error, 'exception.message': clean(error, MESSAGE_CHARS, privacy) };
    }
    const { name, message, stack } = error as Error;
    return {
      'exception.type': clean(name, MESSAGE_CHARS, privacy),
      'exception.message': clean(message, MESSAGE_CHARS, privacy),
      ...(stack && { 'exception.stacktrace': clean(stack, STACK_CHARS, privacy) }),
    };
  } catch {
    return { 'exception.type': typeof error, 'exception.message': '[unreadable]' };
  }
}

/** Cut after it was cleaned: half a secret is not recognised. */
export function clean(value: unknown, length: number, privacy: Privacy): string {
  return privacy.text(String(value)).slice(0, length);
}
