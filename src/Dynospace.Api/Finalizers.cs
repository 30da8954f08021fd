namespace Dynospace.Api;

/// <summary>Finalizers that the operator sets.</summary>
public static class Finalizers
{
    /// <summary>On a Space: dynos, policies and namespace must go in this order, which garbage collection does not keep.</summary>
    public const string Space = "dynospace.dev/space";
}
