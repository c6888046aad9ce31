import type { Attributes } from '@plimsoll/wire';
import type { Kit } from '../../kernel/part.ts';
import { exceptionAttributes } from '../../signals/trace/span.ts';

type Privacy = Kit['privacy'];
const MAX_MESSAGE = 256;
const MAX_STACK = 4096;

/** What the semantic conventions want of an exception: undefined where there is neither a type nor a message. */
export function exceptionOf(exception: unknown, privacy: Privacy): Attributes | undefined {
  if (typeof exception === 'string') {
    return { 'exception.message': clean(exception, MAX_MESSAGE, privacy) };
  }
  if (exception instanceof Error) return exceptionAttributes(exception, privacy);
  try {
    const { code, name, message, stack } = exception as Record<string, unknown>;
    const type = name ?? code;
    if (type === undefined && message === undefined) return undefined;
    return {
      ...(type !== undefined && { 'exception.type': clean(type, MAX_MESSAGE, privacy) }),
      ...(message !== undefined && { 'exception.message': clean(message, MAX_MESSAGE, privacy) }),
      ...(stack !== undefined && { 'exception.stacktrace': clean(stack, MAX_STACK, privacy) }),
    };
  } catch {
    return undefined;
  }
}

/** Cut after it was cleaned: half a secret is not recognised. */
function clean(value: unknown, length: number, privacy: Privacy): string {
  return privacy.text(String(value)).slice(0, length);
}
