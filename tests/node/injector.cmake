# The injector's tests: root, /dev/fuse and ptrace needed.
ion_client_program(injectee ../clients/injectee.c)
ion_client_program(injectee_32 ../clients/injectee.c M32)
ion_client_program(injectee_int80 ../clients/injectee.c DEFINE INT80)

ion_test(injector_test LABEL node
  SOURCES
    injector_access_test.cpp
    injector_deliver_test.cpp
    injector_disturb_test.cpp
    injector_fixture.cpp
    injector_node.cpp
    injector_refuse_test.cpp
  DEPENDS ion::deliver)
add_dependencies(injector_test client_injectee client_injectee_32 client_injectee_int80)
