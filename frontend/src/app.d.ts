// Types that SvelteKit asks the application for.
declare global {
  namespace App {
    interface Error {
      message: string;
      code?: string;
      requestId?: string | null;
    }
  }
}

export {};
