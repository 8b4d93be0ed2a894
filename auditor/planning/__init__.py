"""What to do about it: supposed values, open questions, plans and the policies that follow from them; pure."""
