import { useState } from 'preact/hooks';
import { ApiError, signIn } from '../lib/api.ts';

/** Shown where the console wants its token. */
export function SignIn() {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    setProblem('');
    await signIn(token).catch(error => {
      setProblem(error instanceof ApiError ? error.hint : 'The console does not answer.');
    });
  };
  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <h1>Plimsoll</h1>
        <p>This console wants the token that it printed when it started.</p>
        <label>
          Console token
          <input
            type="password"
            autocomplete="current-password"
            required
            value={token}
            onInput={event => setToken(event.currentTarget.value)}
          />
        </label>
        <p role="alert" class="problem">
          {problem}
        </p>
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
    </main>
  );
}
