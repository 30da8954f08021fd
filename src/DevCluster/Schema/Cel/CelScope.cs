namespace DevCluster.Schema.Cel;

/// <summary>A variable that a fold declares, and the scope around it.</summary>
internal sealed record CelScope(string Name, CelType Type, CelScope? Outer);
