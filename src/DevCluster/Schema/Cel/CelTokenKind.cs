namespace DevCluster.Schema.Cel;

internal enum CelTokenKind
{
    End,
    Identifier,
    EscapedIdentifier,
    Int,
    Uint,
    Double,
    String,
    Bytes,

    /// <summary>
    /// Operators, brackets and the words <c>in</c>, <c>true</c>, <c>false</c>, <c>null</c>; told apart by their text.
    /// </summary>
    Symbol,
}
