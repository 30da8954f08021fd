using DevCluster.Schema.Errors;

namespace DevCluster.ApiServer.Registry;

/// <summary>
/// Defaults, completes or refuses a write. Plugins run in order, synchronously, under the store's write lock.
/// </summary>
public interface IAdmissionPlugin
{
    /// <exception cref="ApiStatusException">The write is refused.</exception>
    void Admit(AdmissionContext context);

    /// <summary>Judges the write as it would be stored, after defaults, other plugins and validation.</summary>
    /// <exception cref="ApiStatusException">The write is refused.</exception>
    void Validate(AdmissionContext context)
    {
    }
}
