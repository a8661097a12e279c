import { openDialog } from './dialog.js';
import { h } from './element.js';
import { createFieldInput } from './field-input.js';
import { encodeValues } from './field-values.js';
import { sides } from './record-types.js';
import { readAllRows } from './systems.js';
import { createOne } from './twin-rows.js';

/** Asks for a new record of a type and creates it on the side that is chosen. Throws when the companies cannot be read. */
export async function askNewRecord(type) {
  const companies = await readAllRows('dataverse', 'cdm_company', '$select=cdm_companyid,cdm_companycode');
  const choices = {
    side: choice(
      'new-side',
      'Create in',
      Object.values(sides).map(({ id, name }) => [id, name]),
    ),
    pair: choice(
      'new-pair',
      'Kind',
      type.pairs.map(({ id, label }) => [id, label]),
    ),
    company: choice(
      'new-company',
      'Company',
      companies.map((row) => [row.cdm_companyid, row.cdm_companycode]),
    ),
  };
  const chosen = () => ({
    side: choices.side.select.value,
    pair: type.pairs.find(({ id }) => id === choices.pair.select.value),
    company: { id: choices.company.select.value, text: choices.company.select.selectedOptions[0]?.textContent ?? '' },
  });
  const fields = h('div', { class: 'fields' });
  let entry;
  const build = () => {
    const { side, pair, company } = chosen();
    entry = entryFields(pair, side, company.text);
    choices.pair.element.hidden = type.pairs.length === 1;
    choices.company.element.hidden = pair.finops.company === undefined;
    fields.replaceChildren(...entry.elements);
  };
  for (const { select } of Object.values(choices)) select.addEventListener('change', build);
  build();

  const error = h('p', { class: 'error', role: 'alert' });
  const create = h('button', { type: 'submit', class: 'primary' }, 'Create');
  const cancel = h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel');
  const submit = async (event) => {
    event.preventDefault();
    create.disabled = true;
    error.textContent = '';
    try {
      await store(chosen(), entry);
      dialog.close();
    } catch (fault) {
      error.textContent = `Not created: ${fault.message}`;
    }
    create.disabled = false;
  };
  const { side, pair, company } = choices;
  const footer = h('footer', {}, create, cancel, error);
  const form = h('form', { onsubmit: submit }, side.element, pair.element, company.element, fields, footer);
  const dialog = openDialog(`New ${type.one}`, form);
}

/** Inputs for the key and for what a new record cannot do without. */
function entryFields(pair, side, company) {
  const { keyLabel, keyLength, fields } = pair;
  const key = h('input', { id: 'new-key', type: 'text', maxlength: keyLength, autocomplete: 'off', required: true });
  const inputs = fields
    .filter(({ needed }) => needed)
    .map((field, index) => {
      const input = createFieldInput({ field, side, company, id: `new-${index}`, onInput: () => {} });
      input.update(field.suggestion ?? '', undefined);
      return input;
    });
  const keyField = h('div', { class: 'field' }, h('label', { for: 'new-key' }, keyLabel), key);
  return { key, inputs, elements: [keyField, ...inputs.map(({ element }) => element)] };
}

async function store({ side, pair, company }, { key, inputs }) {
  const typed = inputs.map((input) => [input.field, input.value()]);
  const values = await encodeValues(side, typed, company.text);
  await createOne(pair, side, company, key.value.trim(), values);
}

function choice(id, label, options) {
  const select = h(
    'select',
    { id },
    options.map(([value, text]) => h('option', { value }, text)),
  );
  return { select, element: h('div', { class: 'control' }, h('label', { for: id }, label), select) };
}
