namespace DevCluster.Schema.Formats;

/// <summary>The family of suffixes a quantity was written with, which its canonical form keeps.</summary>
internal enum QuantityFormat
{
    Decimal,
    Binary,
    Exponent,
}
