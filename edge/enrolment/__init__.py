"""How this box becomes a site of the centre: voucher, certificate, renewal, a new box in a dead one's place."""
