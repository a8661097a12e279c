import { h } from './element.js';
import { sides } from './record-types.js';

/** Asks whether to delete a record on one side; resolves with the answer. */
export function confirmDelete(record, side) {
  const { name, other } = sides[side];
  const follows = record.pair.deletesStay
    ? `The map keeps deletes to their side: it stays in ${sides[other].name}.`
    : `Twinwrite then deletes it in ${sides[other].name} too.`;
  return new Promise((resolve) => {
    const dialog = openDialog(
      `Delete ${record.key} in ${name}?`,
      h('p', {}, follows),
      h(
        'footer',
        {},
        h('button', { type: 'button', class: 'danger', onclick: () => dialog.close('yes') }, 'Delete'),
        h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'),
      ),
    );
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'));
  });
}

/** Shows a dialog over the page; it is gone from the page when it is closed. */
export function openDialog(title, ...children) {
  const dialog = h('dialog', { 'aria-labelledby': 'dialog-title' }, h('h2', { id: 'dialog-title' }, title), children);
  document.body.append(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
  return dialog;
}
