import { lazy, Suspense, useEffect, useRef } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { idOfRoute } from './format/route.ts';
import { useLive } from './live/use-live.ts';
import { EnginePage } from './pages/engines/engine-page.tsx';
import { EnginesPage } from './pages/engines/engines-page.tsx';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { OverviewPage } from './pages/overview/overview-page.tsx';
import { SignInPage } from './pages/sign-in/sign-in-page.tsx';
import { StreamPage } from './pages/streams/stream-page.tsx';
import { StreamsPage } from './pages/streams/streams-page.tsx';
import { ConnectionBanner } from './shell/connection-banner.tsx';
import { BottomNav, TopBar } from './shell/phone-nav.tsx';
import { SideNav } from './shell/side-nav.tsx';
import { Loading } from './ui/state-views.tsx';
import { Toaster } from './ui/toaster.tsx';

const PerformancePage = lazy(() => import('./pages/performance/performance-page.tsx'));
const EventsPage = lazy(() => import('./pages/events/events-page.tsx'));
const LoopingPage = lazy(() => import('./pages/looping/looping-page.tsx'));
const SettingsPage = lazy(() => import('./pages/settings/settings-page.tsx'));
const EngineImagePage = lazy(() => import('./pages/engine-image/engine-image-page.tsx'));
const PlayPage = lazy(() => import('./pages/play/play-page.tsx'));

export function App() {
  const main = useRef<HTMLElement>(null);
  const [location] = useLocation();
  const denied = useLive(({ connection, loaded }) => connection.kind === 'denied' && !loaded);
  const before = useRef(location);
  useEffect(() => {
    if (before.current === location) return;
    before.current = location;
    window.scrollTo(0, 0);
    // A screen reader goes on at the new page, not at the link that led there.
    main.current?.focus({ preventScroll: true });
  }, [location]);
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
          <Suspense fallback={<Loading />}>{denied ? <SignInPage /> : <Pages />}</Suspense>
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
