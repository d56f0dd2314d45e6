import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Tooltip } from 'radix-ui';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
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
liveStore.start();

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Tooltip.Provider delayDuration={300}>
        <Router hook={useHashLocation}>
          <App />
        </Router>
      </Tooltip.Provider>
    </QueryClientProvider>
  </StrictMode>,
);
