// Tokens from letters. They come in the part of the address after "#", which browsers do not send to servers; across a
// sign-in they are kept in this tab.

type Purpose = 'invitation' | 'unsubscribe';

/** The token of the address, or the one kept before a sign-in. */
export function takeToken(purpose: Purpose): string | null {
  const inAddress = new URLSearchParams(location.hash.slice(1)).get('token');
  if (inAddress) return inAddress;
  try {
    return sessionStorage.getItem(`yunqia.token.${purpose}`);
  } catch {
    return null;
  }
}

export function keepToken(purpose: Purpose, token: string | null): void {
  try {
    if (token) sessionStorage.setItem(`yunqia.token.${purpose}`, token);
    else sessionStorage.removeItem(`yunqia.token.${purpose}`);
  } catch {
    // Without storage the link in the letter has to be opened once more after signing in.
  }
}
