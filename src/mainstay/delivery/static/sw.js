/* Keeps this version's own files, and a page that says when there is no connection.
   KNOWN stands before this script: the version, the files, the address of that page.
   Nothing that belongs to anybody is kept: pages and data always come from the server. */

const CACHE = `mainstay-${KNOWN.version}`;

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.add(new Request(KNOWN.offline, { credentials: "omit", cache: "reload" }));
  // A file that cannot be had now is fetched when it is wanted; the page without a net needs these.
  await Promise.allSettled(KNOWN.files.map((file) => cache.add(file)));
}

self.addEventListener("activate", (event) => {
  event.waitUntil(clear().then(() => self.clients.claim()));
});

async function clear() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("mainstay-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith(`/static/${KNOWN.version}/`)) event.respondWith(kept(request));
  else if (request.mode === "navigate") event.respondWith(page(request));
});

async function kept(request) {
  const cache = await caches.open(CACHE);
  const found = await cache.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(KNOWN.offline, { cacheName: CACHE })) ?? Response.error();
  }
}
