"""Small helpers of the course: what two notebooks need and no notebook teaches."""
