import { lazy, Suspense, useEffect, useRef } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { idOfRoute } from './address/page-href.ts';
import { useScrollMemory } from './address/use-scroll-memory.ts';
import { useLive } from './live/use-live.ts';
import { EnginePage } from './pages/engines/engine-page.tsx';
import { EnginesPage } from './pages/engines/engines-page.tsx';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { OverviewPage } from './pages/overview/overview-page.tsx';
import { SignInPage } from './pages/sign-in/sign-in-page.tsx';
import { StreamPage } from './pages/streams/stream-page.tsx';
import { StreamsPage } from './pages/streams/streams-page.tsx';
import { ConnectionBanner } from './shell/connection-banner.tsx';
import { PageBoundary } from './shell/page-boundary.tsx';
import { BottomNav, TopBar } from './shell/phone-nav.tsx';
import { SideNav } from './shell/side-nav.tsx';
import { Loading } from './ui/state-views.tsx';
import { Toaster } from './ui/toaster.tsx';

/** Pages that are loaded by themselves, after the first one is shown. */
const later = {
  performance: () => import('./pages/performance/performance-page.tsx'),
  events: () => import('./pages/events/events-page.tsx'),
  looping: () => import('./pages/looping/looping-page.tsx'),
  settings: () => import('./pages/settings/settings-page.tsx'),
  engineImage: () => import('./pages/engine-image/engine-image-page.tsx'),
  play: () => import('./pages/play/play-page.tsx'),
} as const;

const PerformancePage = lazy(later.performance);
const EventsPage = lazy(later.events);
const LoopingPage = lazy(later.looping);
const SettingsPage = lazy(later.settings);
const EngineImagePage = lazy(later.engineImage);
const PlayPage = lazy(later.play);

/** So that they are there when somebody goes to them while the server is away. */
const preloadAfterMs = 3_000;

export function App() {
  const main = useRef<HTMLElement>(null);
  const [location] = useLocation();
  const denied = useLive(({ connection, loaded }) => connection.kind === 'denied' && !loaded);
  const before = useRef(location);
  useScrollMemory(location);
  useEffect(() => {
    if (before.current === location) return;
    before.current = location;
    // A screen reader goes on at the new page, not at the link that led there.
    main.current?.focus({ preventScroll: true });
  }, [location]);
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const load of Object.values(later)) load().catch(() => undefined);
    }, preloadAfterMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="flex min-h-dvh">
      <a
        href={`#${location}`}
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
        className="sr-only z-50 rounded-lg bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the page
      </a>
      <SideNav />
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar />
        <ConnectionBanner />
        <main
          ref={main}
          tabIndex={-1}
          className="mx-auto w-full max-w-7xl flex-1 px-4 pt-5 pb-24 outline-none sm:px-6 lg:pt-7 lg:pb-12"
        >
          <PageBoundary location={location}>
            <Suspense fallback={<Loading />}>{denied ? <SignInPage /> : <Pages />}</Suspense>
          </PageBoundary>
        </main>
      </div>
      <BottomNav />
      <Toaster />
    </div>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/" component={OverviewPage} />
      <Route path="/streams" component={StreamsPage} />
      <Route path="/streams/:id">{({ id }) => <StreamPage key={id} id={idOfRoute(id)} />}</Route>
      <Route path="/engines" component={EnginesPage} />
      <Route path="/engines/image" component={EngineImagePage} />
      <Route path="/engines/:id">{({ id }) => <EnginePage key={id} id={idOfRoute(id)} />}</Route>
      <Route path="/play/:content?">{({ content }) => <PlayPage chosen={idOfRoute(content ?? '')} />}</Route>
      <Route path="/performance" component={PerformancePage} />
      <Route path="/events" component={EventsPage} />
      <Route path="/looping" component={LoopingPage} />
      <Route path="/settings" component={SettingsPage} />
      <Route path="/sign-in" component={SignInPage} />
      <Route component={NotFoundPage} />
    </Switch>
  );
}
