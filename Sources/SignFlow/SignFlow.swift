// SignFlow
