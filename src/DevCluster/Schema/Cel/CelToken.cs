namespace DevCluster.Schema.Cel;

/// <param name="Text">As written, quotes included.</param>
internal sealed record CelToken(CelTokenKind Kind, string Text, int Offset)
{
    public bool Is(string symbol) => Kind == CelTokenKind.Symbol && Text == symbol;
}
