import type { Attributes } from '@plimsoll/wire';
import type { Kit } from '../../kernel/part.ts';
import { clean, exceptionAttributes, MESSAGE_CHARS, STACK_CHARS } from '../../signals/trace/exception.ts';

type Privacy = Kit['privacy'];

/** What the semantic conventions want of an exception: undefined where there is neither a type nor a message. */
export function exceptionOf(exception: unknown, privacy: Privacy): Attributes | undefined {
  if (typeof exception === 'string') {
    return { 'exception.message': clean(exception, MESSAGE_CHARS, privacy) };
  }
  if (exception instanceof Error) return exceptionAttributes(exception, privacy);
  try {
    const { code, name, message, stack } = exception as Record<string, unknown>;
    const type = name ?? code;
    if (type === undefined && message === undefined) return undefined;
    return {
      ...(type !== undefined && { 'exception.type': clean(type, MESSAGE_CHARS, privacy) }),
      ...(message !== undefined && { 'exception.message': clean(message, MESSAGE_CHARS, privacy) }),
      ...(stack !== undefined && { 'exception.stacktrace': clean(stack, STACK_CHARS, privacy) }),
    };
  } catch {
    return undefined;
  }
}
