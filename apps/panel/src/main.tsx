import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { useHashPath } from './address/use-address.ts';
import { ApiProblem } from './api/api-problem.ts';
import { keyStore } from './api/key-store.ts';
import { App } from './app.tsx';
import { liveStore } from './live/live-store.ts';
import './styles.css';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) =>
        failures < 2 && error instanceof ApiProblem && error.retryable && error.status !== 503,
      staleTime: 2_000,
      // What changes is told by the live feed.
      refetchOnWindowFocus: false,
    },
  },
});

// Another key sees other things.
keyStore.subscribe(() => queries.clear());
// What was asked while the server was away failed, and what was asked before may be of another one by now.
let wasLost = false;
liveStore.subscribe(() => {
  const { kind } = liveStore.get().connection;
  if (wasLost && kind === 'live') void queries.invalidateQueries();
  wasLost = kind === 'lost' || (wasLost && kind !== 'live');
});
liveStore.start();

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Router hook={useHashPath}>
        <App />
      </Router>
    </QueryClientProvider>
  </StrictMode>,
);
