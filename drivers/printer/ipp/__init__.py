"""Office printers by the Internet Printing Protocol: messages, transport, pages, and the driver over them."""
