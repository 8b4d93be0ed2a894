"""Reports: one view model, one format a module, one escape function a sink."""
