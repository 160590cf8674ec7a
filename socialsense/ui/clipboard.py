"""A button that copies text and says that it did, to the eye and to screen readers."""

import streamlit as st

_BUTTON = st.components.v2.component(
    "socialsense_copy",
    html='<button type="button"></button><span role="status" aria-live="polite"></span>',
    css="""
    :host { display: block; }
    button {
      font: inherit; cursor: pointer; padding: 0.45rem 1rem; border: 0;
      border-radius: var(--st-button-radius, 0.5rem);
      background: var(--st-primary-color); color: var(--st-background-color);
    }
    button:disabled { opacity: 0.5; cursor: default; }
    button:focus-visible { outline: 3px solid var(--st-text-color); outline-offset: 2px; }
    span { margin-left: 0.75rem; color: var(--st-text-color); font: inherit; }
    """,
    js="""
    export default function ({ data, parentElement }) {
      const button = parentElement.querySelector("button");
      const status = parentElement.querySelector("span");
      button.textContent = data.label;
      button.disabled = !data.text;
      status.textContent = "";
      button.onclick = async () => {
        try {
          await navigator.clipboard.writeText(data.text);
          status.textContent = data.done;
        } catch {
          status.textContent = data.failed;
        }
      };
    }
    """,
)


def copy_button(text: str, *, label: str, done: str, key: str) -> None:
    """Copies `text`; confirms with `done`. The text should also be visible beside it."""
    _BUTTON(
        data={
            "text": text,
            "label": label,
            "done": done,
            "failed": "The browser did not allow it: select the text below and copy it.",
        },
        key=key,
    )
