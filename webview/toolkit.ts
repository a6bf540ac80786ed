// The controls that the webviews use. The only file that knows the toolkit's package, so that it can be replaced here.
import './toolkitNonce';
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeRadio,
  vsCodeRadioGroup,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { element, setAttributes, setText } from './dom';

/** Defines the controls' elements. Call once, before the first control is made. */
export function registerControls(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeRadio(),
    vsCodeRadioGroup(),
    vsCodeTextField(),
  );
}

/** One choice of a dropdown or of radio buttons. */
export interface Choice {
  readonly value: string;
  readonly label: string;
  /** Why it cannot be taken; radio buttons only. */
  readonly unavailable?: string | undefined;
  /** Said while the pointer rests on it; radio buttons only. */
  readonly hint?: string | undefined;
}

/** A control that shows choices and reports the one the user takes. */
export interface Chooser {
  readonly element: HTMLElement;
  /** Shows these choices with this one taken; reports nothing. */
  update(choices: readonly Choice[], value: string): void;
}

/** A dropdown, with its label in front where `caption` is set; otherwise the label is for screen readers. */
export function dropdown(
  name: string,
  label: string,
  taken: (value: string) => void,
  caption = false,
): Chooser {
  const control = create('vscode-dropdown', { 'aria-label': label });
  const host = element('span', { class: 'control', 'data-control': name });
  if (caption) {
    host.append(element('span', { class: 'caption', 'aria-hidden': 'true' }, label));
  }
  host.append(control);
  let shown = '';
  control.addEventListener('change', () => taken(control.value));
  return {
    element: host,
    update: (choices, value) => {
      const key = JSON.stringify(choices);
      if (key !== shown) {
        shown = key;
        control.replaceChildren(
          ...choices.map((choice) => create('vscode-option', { value: choice.value }, choice.label)),
        );
        // Hidden text of the longest choice would widen the control; its own width is set by the style sheet.
        setAttributes(control, { title: choices.find((choice) => choice.value === value)?.label });
      }
      if (control.value !== value) {
        control.value = value;
      }
    },
  };
}

/** Radio buttons in a row, drawn as one segmented control. */
export function radioButtons(name: string, label: string, taken: (value: string) => void): Chooser {
  const group = create('vscode-radio-group', { 'aria-label': label, class: 'segments' });
  const host = element('span', { class: 'control', 'data-control': name }, group);
  let shown = '';
  let current = '';
  group.addEventListener('change', () => {
    if (group.value !== current && group.value !== '') {
      current = group.value;
      taken(group.value);
    }
  });
  return {
    element: host,
    update: (choices, value) => {
      current = value;
      const key = JSON.stringify(choices);
      if (key !== shown) {
        shown = key;
        group.replaceChildren(
          ...choices.map((choice) =>
            create(
              'vscode-radio',
              {
                value: choice.value,
                name,
                'data-value': choice.value,
                ...(choice.hint !== undefined && { title: choice.hint }),
                ...(choice.unavailable !== undefined && { disabled: '', title: choice.unavailable }),
              },
              choice.label,
            ),
          ),
        );
      }
      if (group.value !== value) {
        group.value = value;
      }
    },
  };
}

/** A button with a text. */
export function button(
  label: string,
  pressed: () => void,
  appearance: 'primary' | 'secondary' = 'secondary',
): HTMLElement & { disabled: boolean } {
  const control = create('vscode-button', { appearance }, label);
  control.addEventListener('click', () => pressed());
  return control;
}

/** A button with a drawing instead of a text. */
export function iconButton(
  name: string,
  label: string,
  drawing: SVGElement,
  pressed: () => void,
): HTMLElement {
  const control = create('vscode-button', {
    'aria-label': label,
    appearance: 'icon',
    title: label,
    class: 'toggle',
    'data-control': name,
  });
  control.append(drawing);
  control.addEventListener('click', () => pressed());
  return control;
}

/** A button that is on or off, with a drawing instead of a text. */
export interface Toggle {
  readonly element: HTMLElement;
  update(on: boolean): void;
}

export function toggle(name: string, label: string, drawing: SVGElement, pressed: () => void): Toggle {
  const control = create('vscode-button', {
    'aria-label': label,
    appearance: 'icon',
    title: label,
    class: 'toggle',
    'data-control': name,
  });
  control.append(drawing);
  control.addEventListener('click', () => pressed());
  return {
    element: control,
    update: (on) => {
      control.classList.toggle('on', on);
      // The element hands it on to the button in its shadow tree.
      setAttributes(control, { 'aria-pressed': String(on) });
    },
  };
}

/** A box that is ticked or not, with its text. */
export interface Checkbox {
  readonly element: HTMLElement;
  update(on: boolean, disabled: boolean): void;
}

export function checkbox(name: string, label: string, changed: (on: boolean) => void): Checkbox {
  const control = create('vscode-checkbox', { 'data-control': name }, label);
  let current = false;
  control.addEventListener('change', () => {
    if (control.checked !== current) {
      current = control.checked;
      changed(current);
    }
  });
  return {
    element: control,
    update: (on, disabled) => {
      current = on;
      control.checked = on;
      control.disabled = disabled;
    },
  };
}

/** A line of text; `entered` is called with it on Enter, changed or not, and when it is left with another text. */
export interface TextField {
  readonly element: HTMLElement;
  update(text: string): void;
}

export function textField(
  name: string,
  label: string,
  hint: string,
  entered: (text: string) => void,
): TextField {
  const control = create('vscode-text-field', {
    'aria-label': label,
    placeholder: hint,
    'data-control': name,
    class: 'control',
  });
  control.addEventListener('change', () => entered(control.value));
  control.addEventListener('keydown', (event) => {
    // A text that was only looked at is taken on Enter as well.
    if (event.key === 'Enter') {
      entered(control.value);
    }
  });
  return {
    element: control,
    update: (text) => {
      if (control.value !== text && document.activeElement !== control) {
        control.value = text;
      }
    },
  };
}

interface Controls {
  'vscode-dropdown': HTMLElement & { value: string };
  'vscode-option': HTMLElement;
  'vscode-radio': HTMLElement;
  'vscode-radio-group': HTMLElement & { value: string };
  'vscode-button': HTMLElement & { disabled: boolean };
  'vscode-checkbox': HTMLElement & { checked: boolean; disabled: boolean };
  'vscode-text-field': HTMLElement & { value: string };
}

function create<K extends keyof Controls>(
  tag: K,
  attributes: Readonly<Record<string, string>>,
  text = '',
): Controls[K] {
  const node = document.createElement(tag) as unknown as Controls[K];
  setAttributes(node, attributes);
  if (text) {
    setText(node, text);
  }
  return node;
}
