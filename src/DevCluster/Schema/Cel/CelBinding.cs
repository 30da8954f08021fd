namespace DevCluster.Schema.Cel;

/// <summary>The value of a fold's variable, and the bindings around it.</summary>
internal sealed record CelBinding(string Name, object Value, CelBinding? Outer);
