"""Two sample partner sites that live on loopback, for trying the whole chain without any partner."""
