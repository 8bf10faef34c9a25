// Draws a published diagram and, for a case, where its tokens stand. The bpmn.io mark stays visible.
import Viewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './diagram.css';

const MARKS = ['active', 'waiting', 'failed', 'completed', 'cancelled'];
const PERSONS_WORK = ['bpmn:UserTask', 'bpmn:ManualTask'];
const SMALLEST_READABLE = 0.62;

for (const figure of document.querySelectorAll('[data-diagram]')) {
  draw(figure).catch((error) => {
    figure.dataset.ready = 'failed';
    figure.querySelector('.diagram-message').hidden = false;
    console.error(error);
  });
}

async function draw(figure) {
  const { diagram, state: stateUrl, focus } = figure.dataset;
  const [xml, state] = await Promise.all([read(diagram, 'text'), stateUrl ? read(stateUrl, 'json') : null]);
  const viewer = new Viewer({ container: figure.querySelector('.diagram-canvas') });
  await viewer.importXML(xml);
  if (state) mark(viewer, state);
  frame(viewer, focus ? [focus] : current(viewer));
  connect(figure, viewer);
  figure.dataset.ready = 'drawn';
}

async function read(url, kind) {
  const answer = await fetch(url, { headers: { Accept: '*/*' }, credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer[kind]();
}

// Where to look first: trouble, then people's turns, then whatever else waits.
function current(viewer) {
  const found = (mark) => viewer.get('elementRegistry').filter((e) => viewer.get('canvas').hasMarker(e.id, mark));
  return ['is-failed', 'is-active', 'is-waiting'].flatMap(found).map((element) => element.id);
}

function mark(viewer, state) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  for (const [id, { status: stands, count }] of Object.entries(state.elements)) {
    const element = registry.get(id); // an element that this version doesn't have is left out
    const status = stands === 'active' && !PERSONS_WORK.includes(element?.type) ? 'waiting' : stands;
    if (!element || !MARKS.includes(status)) continue;
    canvas.addMarker(id, `is-${status}`);
    if (count > 1) badge(viewer, element, status, count);
  }
  for (const [id, address] of Object.entries(state.calls ?? {})) {
    const element = registry.get(id);
    if (element) link(viewer, element, address);
  }
  for (const id of state.flows) if (registry.get(id)) canvas.addMarker(id, 'is-taken');
}

function badge(viewer, element, status, count) {
  const html = document.createElement('span');
  html.className = `diagram-badge is-${status}`;
  html.textContent = count;
  // events and gateways carry their label below: the badge goes on top for all
  viewer.get('overlays').add(element.id, 'count', { position: { top: -11, right: 11 }, html });
}

// A call activity leads to the case that it has called.
function link(viewer, element, address) {
  const html = document.createElement('a');
  html.className = 'diagram-call';
  html.href = address;
  html.textContent = '→';
  html.setAttribute('aria-label', element.businessObject.name ?? element.id);
  viewer.get('overlays').add(element.id, 'call', { position: { bottom: 12, right: 12 }, html });
}

// The whole drawing if it stays readable, else the current position at a readable size.
function frame(viewer, ids) {
  const canvas = viewer.get('canvas');
  canvas.zoom('fit-viewport', 'auto');
  const element = ids.map((id) => viewer.get('elementRegistry').get(id)).find(Boolean);
  if (!element || canvas.zoom() >= SMALLEST_READABLE) return;
  centre(canvas, element, SMALLEST_READABLE * 1.25);
}

function centre(canvas, element, zoom) {
  const { width, height } = canvas.getSize();
  canvas.viewbox({
    x: element.x + element.width / 2 - width / zoom / 2,
    y: element.y + element.height / 2 - height / zoom / 2,
    width: width / zoom,
    height: height / zoom,
  });
}

function connect(figure, viewer) {
  const canvas = viewer.get('canvas');
  const acts = {
    in: () => viewer.get('zoomScroll').stepZoom(1),
    out: () => viewer.get('zoomScroll').stepZoom(-1),
    all: () => canvas.zoom('fit-viewport', 'auto'),
    current: () => {
      const [id] = current(viewer);
      if (id) centre(canvas, viewer.get('elementRegistry').get(id), 1);
    },
  };
  for (const button of figure.querySelectorAll('button[data-act]')) {
    button.addEventListener('click', acts[button.dataset.act]);
  }
  figure.querySelector('.diagram-tools').hidden = false;
  addEventListener('beforeprint', acts.all);
}
