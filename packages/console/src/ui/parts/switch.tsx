export interface SwitchProps {
  readonly label: string;
  readonly on: boolean;
  /** While a change is under way, or where it can't be changed. */
  readonly disabled?: boolean;
  readonly onChange: (on: boolean) => void;
}

/** On or off, at once: for a choice that takes effect without a button. */
export function Switch({ label, on, disabled = false, onChange }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      class="switch"
      aria-checked={on}
      disabled={disabled}
      onClick={() => onChange(!on)}
    >
      <span class="switch-track" aria-hidden="true" />
      {label}
    </button>
  );
}
