"""What the pages share: frame, state, resources. Streamlit lives here and in pages alone."""
