// Comfort on every page: htmx for form conditions and pickers, and small manners. Nothing here is needed to work.
import 'htmx.org/dist/htmx.esm.js';
import './site.css';

// A filter that is changed applies at once; without JavaScript its button does.
for (const form of document.querySelectorAll('form[data-autosubmit]')) {
  form.classList.add('is-automatic');
  form.addEventListener('change', () => form.requestSubmit());
}

// Addresses that one passes on carry only the filters that are set.
document.addEventListener('formdata', (event) => {
  if (event.target.method !== 'get') return;
  for (const [name, value] of [...event.formData]) if (value === '') event.formData.delete(name);
});

// One act, one request: a second click on a submit button of a plain form does nothing.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.method !== 'post' || form.hasAttribute('hx-post')) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = '1';
  setTimeout(() => { delete form.dataset.sent; }, 4000);
});

// An open menu closes on Escape and on a click elsewhere.
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});

// "/" goes to the page's search field.
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target.closest('input, textarea, select, [contenteditable]')) return;
  const field = document.querySelector('input[type=search]');
  if (field) { event.preventDefault(); field.focus(); field.select(); }
});
