"""What the pages share: frame, state, inputs, resources. Streamlit lives here and in pages."""
