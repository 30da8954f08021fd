namespace DevCluster.Schema.Cel;

/// <summary>CEL's null, which is a value.</summary>
internal sealed class CelNull
{
    private CelNull()
    {
    }

    public static CelNull Value { get; } = new();

    public override string ToString() => "null";
}
