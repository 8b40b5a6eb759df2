"""Who may come in: keys, cookies, trusted proxies, and how often."""
