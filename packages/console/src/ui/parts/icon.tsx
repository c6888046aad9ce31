export function Icon({ d }: { d: string }) {
  return (
    <svg viewBox="0 0 24 24" class="icon" aria-hidden="true">
      <path d={d} />
    </svg>
  );
}
