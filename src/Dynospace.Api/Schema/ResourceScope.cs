namespace Dynospace.Api.Schema;

/// <summary>Where the objects of a custom resource live.</summary>
public enum ResourceScope
{
    /// <summary>One set for the whole cluster.</summary>
    Cluster,

    /// <summary>One set in each namespace.</summary>
    Namespaced,
}
